import { execa } from "execa";

/** Every entry below a folder with type, mode, owner and link target, sorted: equal lists are equal trees. */
export async function folderListing(folder: string): Promise<string[]> {
  const { stdout } = await execa("find", [folder, "-mindepth", "1", "-printf", "%P %y %m %U:%G %l\n"]);
  return stdout.split("\n").sort();
}
