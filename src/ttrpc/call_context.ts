import { Code, RundError } from "../common/error.ts";
import type { Request } from "../proto/generated/ttrpc/request.ts";
import { decodeMetadata, type Metadata, namespaceKey } from "./metadata.ts";

/** What a handler knows of its call beside the request. */
export interface CallContext {
  readonly service: string;
  readonly method: string;
  readonly metadata: Metadata;
  /** containerd's namespace, when the caller named one. */
  readonly namespace: string | undefined;
  /**
   * Aborts with a RundError as its reason: `deadlineExceeded` when the caller has stopped waiting, `canceled`
   * when its connection is gone. ttrpc has no other way to cancel a call.
   */
  readonly signal: AbortSignal;
}

const nanosPerMs = 1_000_000n;

/** Longer timers fire at once in Node. */
const maxTimerMs = 2 ** 31 - 1;

/** The server's side of one call that is being handled. */
export class Call {
  readonly context: CallContext;
  /** Made when a handler asks for the signal, which most never do. */
  #controller: AbortController | undefined;
  #canceled: RundError | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(request: Request) {
    const { service, method } = request;
    const metadata = decodeMetadata(request.metadata);
    const namespace = metadata.get(namespaceKey)?.[0];
    const signal = () => this.#signal();
    this.context = {
      ...{ service, method, metadata, namespace },
      get signal() {
        return signal();
      },
    };
    this.#timer = this.#startTimer(request.timeoutNano);
  }

  /** Aborts the handler's signal: nobody waits for the answer any more. */
  cancel(reason: RundError): void {
    this.#canceled ??= reason;
    this.#controller?.abort(reason);
  }

  #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#canceled !== undefined) this.#controller.abort(this.#canceled);
    return this.#controller.signal;
  }

  /** To be called when the handler has settled, whichever way. */
  finish(): void {
    clearTimeout(this.#timer);
  }

  #startTimer(timeoutNano: bigint): NodeJS.Timeout | undefined {
    if (timeoutNano <= 0n) return undefined;
    const ms = Number((timeoutNano + nanosPerMs - 1n) / nanosPerMs);
    if (ms > maxTimerMs) return undefined;
    const { method } = this.context;
    const expire = () => this.cancel(new RundError(Code.deadlineExceeded, `${method}: deadline exceeded`));
    return setTimeout(expire, ms).unref();
  }
}
