export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A method that stands for another one: whoever looks at it finds what Nest and others have noted on that one. */
export function replaced(original: Method, by: Method): Method {
  for (const key of ['name', 'length'] as const)
    Object.defineProperty(by, key, { value: original[key], configurable: true });
  for (const key of Reflect.getMetadataKeys(original))
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), by);
  return by;
}

/** A decorator as users write them, to time a method or to log it. */
export function Wrapped(): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const original: Method = descriptor.value;
    descriptor.value = replaced(original, async function (...args) {
      return original.apply(this, args);
    });
  };
}
