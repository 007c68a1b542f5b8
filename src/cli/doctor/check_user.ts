import type { Check } from "./finding.ts";

export const checkUser: Check = async ({ uid }) => {
  const about = { id: "user", title: "User" };
  if (uid === 0) return [{ ...about, level: "ok", found: "root" }];
  return [
    {
      ...about,
      level: "warning",
      found: `user ${uid}`,
      why: "only root can mount and chroot; without it, trials are left out and daemons are seen in part",
      fix: ["sudo rund doctor"],
    },
  ];
};
