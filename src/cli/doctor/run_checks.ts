import { RundError } from "../../common/error.ts";
import { checkDaemons } from "./check_daemons.ts";
import { checkFuse } from "./check_fuse.ts";
import { checkLauncher } from "./check_launcher.ts";
import { checkLeftovers } from "./check_leftovers.ts";
import { checkLimits } from "./check_limits.ts";
import { checkSharedRegion } from "./check_shared_region.ts";
import { checkSip } from "./check_sip.ts";
import { checkSystem } from "./check_system.ts";
import { checkUser } from "./check_user.ts";
import type { Check, DoctorHost, Finding } from "./finding.ts";
import { trialJail } from "./trial_jail.ts";
import { trialMount } from "./trial_mount.ts";

/** From the ground up: what stands later needs what stands before. */
const checks: readonly Check[] = [
  checkSystem,
  checkUser,
  checkSip,
  checkLauncher,
  checkFuse,
  trialMount,
  trialJail,
  checkLimits,
  checkSharedRegion,
  checkLeftovers,
  checkDaemons,
];

/** Looks at all of it, one after the other. A check that breaks is a finding too. */
export async function runChecks(host: DoctorHost, chosen = checks): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of chosen) findings.push(...(await check(host).catch((error) => [broken(check, error)])));
  return findings;
}

function broken(check: Check, error: unknown): Finding {
  const found = RundError.from(error).message;
  return { id: check.name, level: "warning", title: check.name, found, why: "the doctor could not look" };
}
