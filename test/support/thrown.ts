// biome-ignore lint/suspicious/noExplicitAny: any class, also one whose constructor is nobody's business
export type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;

/** What a call throws or rejects with, as a value; a call that does neither fails the test, as does another error than the expected one. */
export async function thrownBy<E extends Error = Error>(
  call: () => unknown,
  expected: ErrorClass<E> = Error as never,
): Promise<E> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    if (error instanceof expected) return error;
    throw new Error(`expected ${expected.name} to be thrown, got ${String(error)}`, { cause: error });
  }
  throw new Error(`expected ${expected.name} to be thrown, got the answer ${JSON.stringify(value)}`);
}
