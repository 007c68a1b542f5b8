import type { Command } from "./command.ts";

interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
  /** What an error exits with, where the program that is run has the usual codes; 1 when left out. */
  readonly failure?: number;
}

/** What `rund` can do, in the order of its help. Each is loaded when it is asked for: clients wait at every container. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  run: {
    summary: "makes a container of a bundle, runs it, and deletes it when it has ended",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  create: {
    summary: "makes a container, whose program waits for its start",
    load: async () => (await import("./commands/create.ts")).createCommand,
  },
  start: {
    summary: "starts the program of a created container",
    load: async () => (await import("./commands/start.ts")).startCommand,
  },
  exec: {
    summary: "runs another program in a running container",
    load: async () => (await import("./commands/exec.ts")).execCommand,
    failure: 255,
  },
  kill: {
    summary: "sends a signal to a container's program, or to all of its processes",
    load: async () => (await import("./commands/kill.ts")).killCommand,
  },
  delete: {
    summary: "takes back everything that was done for a container",
    load: async () => (await import("./commands/delete.ts")).deleteCommand,
  },
  state: {
    summary: "prints the state of a container as JSON",
    load: async () => (await import("./commands/state.ts")).stateCommand,
  },
  list: {
    summary: "lists the containers",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  ps: {
    summary: "lists the processes of a container",
    load: async () => (await import("./commands/ps.ts")).psCommand,
  },
  pause: {
    summary: "stops every process of a container",
    load: async () => (await import("./commands/pause.ts")).pauseCommand,
  },
  resume: {
    summary: "lets the processes of a paused container go on",
    load: async () => (await import("./commands/pause.ts")).resumeCommand,
  },
  events: {
    summary: "prints what a container uses, once or again and again",
    load: async () => (await import("./commands/events.ts")).eventsCommand,
  },
  update: {
    summary: "takes resource limits: those that lift one; a jail has no others",
    load: async () => (await import("./commands/update.ts")).updateCommand,
  },
  spec: {
    summary: "writes a config.json to begin with",
    load: async () => (await import("./commands/spec.ts")).specCommand,
  },
  features: {
    summary: "prints what of the OCI runtime specification a jail can have, as JSON",
    load: async () => (await import("./commands/features.ts")).featuresCommand,
  },
  doctor: {
    summary: "looks whether jails can work on this machine, and says what is in the way",
    load: async () => (await import("./doctor/doctor_command.ts")).doctorCommand,
  },
  setup: {
    summary: "tells containerd, dockerd and buildkitd of rund, and takes it back",
    load: async () => (await import("./setup/setup_command.ts")).setupCommand,
  },
  image: {
    summary: "makes a base image of the running macOS, or of any folder",
    load: async () => (await import("./image/image_command.ts")).imageCommand,
  },
  snapshotter: {
    summary: "serves snapshots to containerd, as its proxy plugin",
    load: async () => (await import("./commands/snapshotter.ts")).snapshotterCommand,
  },
  checkpoint: {
    summary: "is refused: jails cannot be checkpointed",
    load: async () => (await import("./commands/checkpoint.ts")).checkpointCommand,
  },
  restore: {
    summary: "is refused too",
    load: async () => (await import("./commands/checkpoint.ts")).checkpointCommand,
  },
};
