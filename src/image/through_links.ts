import { Code, RundError } from "../common/error.ts";

/** As many as the systems themselves follow. */
const mostLinks = 40;

/**
 * Where a path leads when the links among its folders are followed; one in the last place is not. No link leads out of the
 * tree: `/` is its top.
 * @param linkAt where the link at a path leads, undefined for what is no link
 * @throws RundError invalidArgument for links that lead in a circle
 */
export function throughLinks(path: string, linkAt: (path: string) => string | undefined): string {
  let done: string[] = [];
  let rest = path.split("/");
  for (let links = 0; rest.length > 0; ) {
    const [name = "", ...after] = rest;
    rest = after;
    if (name === "..") done.pop();
    if (name === "" || name === "." || name === "..") continue;
    const target = after.length === 0 ? undefined : linkAt(`/${[...done, name].join("/")}`);
    if (target === undefined) {
      done.push(name);
      continue;
    }
    if (++links > mostLinks) {
      throw new RundError(Code.invalidArgument, `${path}: too many levels of symbolic links`);
    }
    if (target.startsWith("/")) done = [];
    rest = [...target.split("/"), ...rest];
  }
  return `/${done.join("/")}`;
}
