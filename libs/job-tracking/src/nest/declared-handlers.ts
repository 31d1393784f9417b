import { Inject, Injectable } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  DEFAULT_KIND,
  InvalidOptionsError,
  type KindRef,
  kindName,
  kindValue,
  nearest,
  type TrackingPolicy,
} from '../protocol/index.js';
import type { ConsumeDeclaration } from './consume.decorator.js';
import { CONSUMED_POLICY_KEYS } from './consume-options.js';
import { CONSUMES, TRACKED, type TrackedDeclaration, unlikeKeys } from './tracked-declaration.js';

interface DeclaredHandler {
  /** Class and method, as errors name it. */
  name: string;
  kind: KindRef;
  policy: TrackingPolicy;
  unnamed: boolean;
  consumes: boolean;
  isRoute: boolean;
}

export interface DeclaredConsumer extends ConsumeDeclaration {
  name: string;
  /** undefined: its class has no single instance. */
  instance: Record<string, (...args: unknown[]) => unknown> | undefined;
  method: string;
}

/** The handlers that the app's classes declare, and the mistakes that stop its start. */
@Injectable()
export class DeclaredHandlers {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  consumers(): DeclaredConsumer[] {
    return [...this.#methods()].flatMap(({ name, method, body, instance }) => {
      const declaration: ConsumeDeclaration | undefined = Reflect.getMetadata(CONSUMES, body);
      return declaration ? [{ ...declaration, name, method, instance: instance as DeclaredConsumer['instance'] }] : [];
    });
  }

  /** Throws InvalidOptionsError for the first mistake. */
  check(defaults: TrackingPolicy): void {
    const handlers = [...this.#handlers()];
    for (const { name, policy, isRoute } of handlers)
      if (isRoute && (policy.onDuplicate ?? defaults.onDuplicate) === 'skip')
        throw new InvalidOptionsError(
          `@Tracked on ${name}: onDuplicate 'skip' would answer a duplicate with nothing on an HTTP route; choose 'replay', 'join' or 'refuse'`,
        );
    refuseTwoUnnamed(handlers);
    refuseUnlike(handlers);
    refuseUnknownSteps(handlers);
  }

  *#handlers(): Iterable<DeclaredHandler> {
    for (const { name, body } of this.#methods()) {
      const tracked: TrackedDeclaration | undefined = Reflect.getMetadata(TRACKED, body);
      const isRoute = Reflect.hasMetadata(METHOD_METADATA, body) && Reflect.hasMetadata(PATH_METADATA, body);
      if (tracked) yield { ...tracked, name, consumes: false, isRoute };
      const consumes: ConsumeDeclaration | undefined = Reflect.getMetadata(CONSUMES, body);
      if (consumes) {
        const policy = { ...kindValue(consumes.kind), ...consumes.options };
        yield { name, kind: consumes.kind, policy, unnamed: false, consumes: true, isRoute: false };
      }
    }
  }

  *#methods(): Iterable<{ name: string; method: string; body: object; instance: object | undefined }> {
    const seen = new Set<object>();
    for (const wrapper of [...this.discovery.getControllers(), ...this.discovery.getProviders()]) {
      const prototype: unknown = typeof wrapper.metatype === 'function' ? wrapper.metatype.prototype : undefined;
      if (typeof prototype !== 'object' || prototype === null) continue;
      const instance: object | undefined = wrapper.isDependencyTreeStatic()
        ? (wrapper.instance as object | undefined)
        : undefined;
      // A class that two modules provide has two instances of one declaration.
      if (seen.has(prototype)) continue;
      seen.add(prototype);
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const body: unknown = (prototype as Record<string, unknown>)[method];
        if (typeof body === 'function')
          yield { name: `${(wrapper.metatype as { name: string }).name}.${method}`, method, body, instance };
      }
    }
  }
}

function refuseTwoUnnamed(handlers: readonly DeclaredHandler[]): void {
  const [first, second] = handlers.filter(({ unnamed }) => unnamed);
  if (first && second)
    throw new InvalidOptionsError(
      `@Tracked on ${first.name} and on ${second.name}: both without a kind would share the jobs of kind '${DEFAULT_KIND}'; name the kind of one`,
    );
}

function refuseUnlike(handlers: readonly DeclaredHandler[]): void {
  const firsts = new Map<string, DeclaredHandler>();
  for (const handler of handlers) {
    const kind = kindName(handler.kind);
    const first = firsts.get(kind);
    if (first === undefined) firsts.set(kind, handler);
    else {
      const keys = first.consumes || handler.consumes ? CONSUMED_POLICY_KEYS : undefined;
      const [unlike] = unlikeKeys(first.policy, handler.policy, keys);
      if (unlike)
        throw new InvalidOptionsError(
          `${first.name} and ${handler.name} handle the kind '${kind}' by unlike policies (${unlike}); declare the kind once with defineJob and give it to both`,
        );
    }
  }
}

/** A step that is given by name must be somebody's: a slip would wait for ever. A kind's own value is declared by being there. */
function refuseUnknownSteps(handlers: readonly DeclaredHandler[]): void {
  const kinds = handlers.map(({ kind }) => kindName(kind));
  for (const { name, policy } of handlers)
    for (const step of [policy.after ?? []].flat()) {
      if (typeof step !== 'string' || kinds.includes(step)) continue;
      const near = nearest(step, kinds);
      throw new InvalidOptionsError(
        `${name} comes after '${step}', a kind that no handler declares${near ? `; did you mean '${near}'?` : ''}. Give the kind's own value (defineJob) if it is run elsewhere`,
      );
    }
}
