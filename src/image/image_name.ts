import { Code, RundError } from "../common/error.ts";

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const path = new RegExp(`^${component}(?:/${component})*$`);
const domain = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * The full name of an image, as containerd keeps it: docker's registry and the tag `latest` unless others are given.
 * @throws RundError invalidArgument for what is no name
 */
export function fullName(name: string): string {
  const [first = "", ...others] = name.split("/");
  const hasDomain = others.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const rest = hasDomain ? others.join("/") : name;
  const [, repository = "", tag = "latest"] = /^([^:]*)(?::(.*))?$/.exec(rest) ?? [];
  const isName = path.test(repository) && tagPattern.test(tag) && (!hasDomain || domain.test(first));
  if (!isName) {
    throw new RundError(
      Code.invalidArgument,
      `${name}: is no name of an image: such names look like macos, macos:15 or ghcr.io/me/macos:15`,
    );
  }
  const registry = hasDomain ? first : "docker.io";
  const folder = registry === "docker.io" && !repository.includes("/") ? "library/" : "";
  return `${registry}/${folder}${repository}:${tag}`;
}

/** What stands behind the last colon of a full name. */
export function tagOf(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}
