import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { exitStatus } from "../../src/jail/exit_status.ts";
import { launcher } from "./launcher_under_test.ts";

/** `rund-jail exec` with the control descriptor in the hands of the test, to say what the shim never would. */
export class RawLauncher {
  readonly child: ChildProcess;
  readonly control: Socket;
  readonly exited: Promise<number>;
  #received = "";

  /** `kept` are descriptors that it is passed behind its control descriptor. */
  constructor(...kept: readonly number[]) {
    const stdio: StdioOptions = ["ignore", "ignore", "inherit", "pipe", ...kept];
    this.child = spawn(launcher, ["exec"], { env: {}, stdio });
    this.control = this.child.stdio[3] as Socket;
    this.control.setEncoding("utf8");
    this.control.on("data", (text: string) => {
      this.#received += text;
    });
    this.control.on("error", () => {});
    this.exited = once(this.child, "exit").then(([code, signal]) => exitStatus(code, signal));
  }

  /** All answers so far. */
  get answers(): string[] {
    return this.#received.split("\0").slice(0, -1);
  }

  /** Sends records, each with its NUL. */
  send(...records: readonly string[]): void {
    this.control.write(records.map((record) => `${record}\0`).join(""));
  }

  /** Resolves with the answers once there is one that starts with `prefix`, or the line has ended. */
  async answered(prefix: string): Promise<string[]> {
    while (!this.control.destroyed && !this.answers.some((answer) => answer.startsWith(prefix))) {
      await Promise.race([once(this.control, "data"), once(this.control, "close")]);
    }
    return this.answers;
  }

  /** Closes the line, as a shim that dies does. */
  hangUp(): void {
    this.control.destroy();
  }
}
