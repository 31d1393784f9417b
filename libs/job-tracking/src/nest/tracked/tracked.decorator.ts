import { Inject, Optional, UseInterceptors } from '@nestjs/common';
import {
  checkKind,
  checkPolicy,
  checkSchemas,
  DEFAULT_KIND,
  InvalidOptionsError,
  type JobKind,
  kindName,
  POLICY_KEYS,
  refuseUnknownKeys,
  SCHEMA_KEYS,
  shown,
  type Tracking,
  type TrackingPolicy,
} from '../../protocol/index.js';
import { TRACKING } from '../tokens.js';
import { ArrivalInterceptor } from './arrival.js';
import type { JobIdSource } from './job-id-source.js';
import { TRACKED, type TrackedDeclaration } from './tracked-declaration.js';
import { trackedMethod } from './tracked-method.js';

/**
 * Locks, runs and records every call of the method as a job. `id` says which job a call means (see JobIdSource). `kind` is a name, a policy with a
 * kind, or what defineJob made; without one it is 'default', which one handler of an app may have. Two handlers of one kind with unlike policies
 * stop the start. The method becomes async. On an HTTP route refusals are answered as in docs/errors.md.
 * Throws InvalidOptionsError at decoration for malformed options; the call throws what `track` throws.
 */
export function Tracked(id: JobIdSource, kind?: string | (TrackingPolicy & { kind?: string })): MethodDecorator {
  const declaration = declared(id, kind);
  return (target, key, descriptor: PropertyDescriptor) => {
    const original: unknown = descriptor.value;
    if (typeof original !== 'function')
      throw new InvalidOptionsError(`@Tracked: expected ${String(key)} to be a method, got: ${shown(original)}`);
    refuseTwice(declaration, original, target, key);
    injectTracking(target);
    const method = original as (...args: unknown[]) => unknown;
    const wrapped = trackedMethod(method, declaration, target, key, (host) => (host as Host | undefined)?.[HOSTED]);
    keepLooks(method, wrapped);
    descriptor.value = wrapped;
    Reflect.defineMetadata(TRACKED, declaration, wrapped);
    UseInterceptors(ArrivalInterceptor)(target, key, descriptor);
    return descriptor;
  };
}

/** The same job twice: the inner run would be locked by the outer one, until its attempts are used up. */
function refuseTwice({ id, kind }: TrackedDeclaration, method: object, target: object, key: string | symbol): void {
  const below: TrackedDeclaration | undefined = Reflect.getMetadata(TRACKED, method);
  if (below && kindName(below.kind) === kindName(kind) && below.id === id)
    throw new InvalidOptionsError(
      `@Tracked on ${target.constructor.name}.${String(key)}: expected one @Tracked of the kind '${kindName(kind)}', got two, of which one would be locked by the other`,
    );
}

const HOSTED = Symbol('job-tracking:hosted');
type Host = { [HOSTED]?: Tracking };

/** By property injection: no registry, so that several apps in one process stay apart. Optional: a class that Nest did not make fails at the call, plainly. */
function injectTracking(target: object): void {
  if (Object.hasOwn(target, HOSTED)) return;
  Object.defineProperty(target, HOSTED, { value: undefined, writable: true, configurable: true });
  Optional()(target, HOSTED);
  Inject(TRACKING)(target, HOSTED);
}

/** Whatever reads the method later (Nest's explorers, other decorators) finds what it would have found. */
function keepLooks(original: object & { name: string; length: number }, wrapped: object): void {
  Object.defineProperty(wrapped, 'name', { value: original.name, configurable: true });
  Object.defineProperty(wrapped, 'length', { value: original.length, configurable: true });
  for (const key of Reflect.getMetadataKeys(original))
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), wrapped);
}

function declared(
  id: JobIdSource,
  given: string | (TrackingPolicy & { kind?: string }) | undefined,
): TrackedDeclaration {
  if (typeof id !== 'function' && (typeof id !== 'string' || id.length === 0))
    throw new InvalidOptionsError(
      `@Tracked: expected the id to be a name, a dotted path or a function, got: ${shown(id)}`,
    );
  if (given === undefined || typeof given === 'string') {
    const kind = given === undefined ? DEFAULT_KIND : checkKind(given);
    return { id, kind, policy: {}, unnamed: given === undefined };
  }
  refuseUnknownKeys(given, [...POLICY_KEYS, ...SCHEMA_KEYS, 'kind'], '@Tracked');
  const kind: JobKind = { ...given, kind: given.kind === undefined ? DEFAULT_KIND : checkKind(given.kind) };
  const where = `@Tracked, kind ${shown(kind.kind)}`;
  checkPolicy(given, where);
  checkSchemas(kind, where);
  return { id, kind, policy: given, unnamed: given.kind === undefined };
}
