import { build } from "../common/build.ts";
import { specVersion } from "../oci/state_document.ts";

/** Three lines in the shape of runc's, which go-runc and docker parse. */
export function versionText(): string {
  return `rund version ${build.version}\ncommit: ${build.revision || "unknown"}\nspec: ${specVersion}\n`;
}
