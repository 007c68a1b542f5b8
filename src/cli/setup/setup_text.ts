import type { ConfigChange, SetupPlan } from "./setup_plan.ts";
import { backupFile } from "./setup_record.ts";
import { programs, type SetupHost } from "./setup_target.ts";
import type { UndoResult } from "./undo_setup.ts";

/** A file as it would be, with what is new in front of it as comments where the format has any. */
export function planText(plan: SetupPlan): string {
  if (plan.changes.length === 0) return nothingToSet(plan);
  const changes = plan.changes.map((change) => `#   ${changeText(change)}`).join("\n");
  return `# ${plan.file}\n${changes}\n${plan.after}`;
}

export function nothingToSet({ target, file, before }: SetupPlan): string {
  return `# ${before === undefined ? target : file}: nothing to set\n`;
}

function changeText({ path, before, after, purpose }: ConfigChange): string {
  const old = before === undefined ? "" : ` (was ${JSON.stringify(before)})`;
  return `${path.join(".")} = ${JSON.stringify(after)}${old}: ${purpose}`;
}

/** What was changed, and what makes the daemon read it. */
export function restartText(plan: SetupPlan, { platform }: SetupHost): string {
  const service = platform === "darwin" ? programs[plan.target] : plan.target;
  const restart =
    platform === "darwin" ? `sudo brew services restart ${service}` : `systemctl restart ${service}`;
  const changes = plan.changes.map((change) => `  ${changeText(change)}`).join("\n");
  const backup = plan.before === undefined ? "" : `The file as it was: ${backupFile(plan.file)}\n`;
  return `${plan.file}: changed\n${changes}\n${backup}${serviceText(plan, platform)}To make it count: ${restart}\n`;
}

/** A proxy plugin is somebody else's process. */
function serviceText({ changes }: SetupPlan, platform: SetupHost["platform"]): string {
  if (!changes.some(({ path }) => path[0] === "proxy_plugins")) return "";
  const start =
    platform === "darwin" ? "sudo brew services start rund" : "systemctl enable --now rund-snapshotter";
  return `The snapshotter has to run before that: ${start}\n`;
}

export function undoText(file: string, result: UndoResult): string {
  switch (result.kind) {
    case "nothing":
      return `${file}: nothing to take back\n`;
    case "removed":
      return `${file}: removed, it was rund's alone\n`;
    case "restored":
      return `${file}: as it was before\n`;
    case "taken-out": {
      const kept = result.kept
        .map(({ path }) => `  ${path.join(".")}: was changed since, left as it is\n`)
        .join("");
      return `${file}: rund's values are taken out, other changes since then stay\n${kept}The file as it was: ${backupFile(file)}\n`;
    }
  }
}
