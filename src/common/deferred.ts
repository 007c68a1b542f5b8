/** A promise and the function that settles it (Node 20 has no `Promise.withResolvers`). */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;

  constructor() {
    let resolve: (value: T) => void = () => {};
    this.promise = new Promise<T>((settle) => {
      resolve = settle;
    });
    this.resolve = resolve;
  }
}
