import { readFileSync } from "node:fs";

/** The name of a user of this host, or its number where none is known. */
export function userName(uid: number): string {
  // macOS keeps the others elsewhere, and only root can own a container.
  if (uid === 0) return "root";
  for (const line of passwd().split("\n")) {
    const [name, , id] = line.split(":");
    if (name && id === String(uid)) return name;
  }
  return `#${uid}`;
}

function passwd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
