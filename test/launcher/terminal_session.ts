import { execFileSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { closeSync, constants, openSync, rmSync, write, writeSync } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import type { JailedProcess } from "../../src/jail/jailed_process.ts";
import type { BusyboxJail } from "./busybox_jail.ts";
import { launch, type Overrides } from "./jail_run.ts";

let sessions = 0;

/** A jailed process on a terminal, with a client at the far end of its fifos as docker or ctr would be. */
export class TerminalSession {
  readonly process: JailedProcess;
  readonly #events = new EventEmitter();
  readonly #stream: Socket;
  readonly #paths: readonly string[];
  readonly #held: number[];
  readonly #input: number;
  #output = "";

  private constructor(
    process: JailedProcess,
    stream: Socket,
    paths: string[],
    held: number[],
    input: number,
  ) {
    this.process = process;
    this.#stream = stream;
    this.#paths = paths;
    this.#held = held;
    this.#input = input;
    stream.setEncoding("latin1");
    stream.on("data", (text) => {
      this.#output += text;
      this.#events.emit("output");
    });
    stream.on("close", () => this.#events.emit("output"));
  }

  /** Launches up to the gate; `sh -c` for a single text. */
  static async launch(jail: BusyboxJail, command: string | readonly string[], overrides: Overrides = {}) {
    const args = typeof command === "string" ? ["sh", "-c", command] : command;
    const paths = ["in", "out"].map((name) => jail.hostPath(`tty-${++sessions}-${name}`));
    execFileSync("mkfifo", paths);
    const [input = "", output = ""] = paths;
    // Opened for both ways first, so that no open waits for the other side.
    const held = [openSync(input, "r+"), openSync(output, "r+"), openSync(input, "r"), openSync(output, "w")];
    const [keeper = -1, outputKeeper = -1, reader = -1, writer = -1] = held;
    const fd = openSync(output, constants.O_RDONLY | constants.O_NONBLOCK);
    const stream = new Socket({ fd, readable: true, writable: false });
    const terminal = { terminal: true, terminalSize: { width: 80, height: 24 } } as const;
    const process = await launch(jail, args, {
      ...terminal,
      stdio: [reader, writer, "ignore"],
      ...overrides,
    });
    for (const descriptor of [outputKeeper, reader, writer]) closeSync(descriptor);
    return new TerminalSession(process, stream, paths, [keeper], keeper);
  }

  static async start(jail: BusyboxJail, command: string | readonly string[], overrides: Overrides = {}) {
    const session = await TerminalSession.launch(jail, command, overrides);
    await session.process.start();
    return session;
  }

  get output(): string {
    return this.#output;
  }

  type(text: string): void {
    writeSync(this.#input, text);
  }

  /** Types more than a fifo holds, while the output goes on. */
  async typeMuch(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += (await promisify(write)(this.#input, bytes, at)).bytesWritten;
  }

  /** Ends the client's input, as CloseIO does. */
  endInput(): void {
    for (const descriptor of this.#held.splice(0)) closeSync(descriptor);
  }

  /** Drops the only reader of the output. */
  async dropReader(): Promise<void> {
    this.#stream.destroy();
    if (!this.#stream.closed) await once(this.#stream, "close");
  }

  pauseReader(): void {
    this.#stream.pause();
  }

  resumeReader(): void {
    this.#stream.resume();
  }

  /** Waits until the output contains the text. */
  async shows(text: string): Promise<void> {
    while (!this.#output.includes(text)) {
      if (this.#stream.closed)
        throw new Error(`ended without "${text}": ${JSON.stringify(this.#output.slice(-500))}`);
      await once(this.#events, "output");
    }
  }

  /** The status, once the process has ended and the client has read all there is. */
  async ended(): Promise<number> {
    const { status } = await this.process.exited;
    this.endInput();
    if (!this.#stream.closed) await once(this.#stream, "close");
    for (const path of this.#paths) rmSync(path);
    return status;
  }
}
