import { Inject, Injectable } from '@nestjs/common';
import {
  METHOD_METADATA,
  PATH_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ApplicationConfig, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { InvalidOptionsError, kindValue, type TrackingPolicy } from '../../protocol/index.js';
import { CALLER, isAnswered, sourceOf } from '../answers/sources.js';
import { CONSUMES, TRACKED, type TrackedDeclaration } from '../tracked/tracked-declaration.js';
import { classSerializersAround } from './class-serializers.js';
import type { ConsumeDeclaration } from './consume.decorator.js';
import { checkHandlers, type DeclaredHandler } from './handler-checks.js';

export interface DeclaredConsumer extends ConsumeDeclaration {
  name: string;
  /** undefined: its class has no single instance. */
  instance: Record<string, (...args: unknown[]) => unknown> | undefined;
  method: string;
}

interface Host {
  name: string;
  prototype: Record<string, unknown> | null | undefined;
}

interface DeclaredMethod {
  name: string;
  host: Host;
  method: string;
  body: object;
  instance: object | undefined;
}

/** The handlers that the app's classes declare, and the mistakes that stop its start. */
@Injectable()
export class DeclaredHandlers {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
  ) {}

  consumers(): DeclaredConsumer[] {
    return [...this.#methods()].flatMap(({ name, method, body, instance }) => {
      const declaration: ConsumeDeclaration | undefined = Reflect.getMetadata(CONSUMES, body);
      return declaration ? [{ ...declaration, name, method, instance: instance as DeclaredConsumer['instance'] }] : [];
    });
  }

  /** Throws InvalidOptionsError for the first mistake. */
  check(defaults: TrackingPolicy): void {
    this.#refuseTwoTrackers();
    checkHandlers([...this.#handlers()], defaults);
  }

  /** A second one would have leases, consumers and connections of its own, and nobody could say which one a service gets. */
  #refuseTwoTrackers(): void {
    const trackers = this.discovery.getProviders().filter(({ metatype }) => metatype === DeclaredHandlers);
    if (trackers.length > 1)
      throw new InvalidOptionsError(
        `job tracking: expected its module to be imported once in an app, got it ${trackers.length} times, with options of their own; import it in the root module alone, it is global`,
      );
  }

  *#handlers(): Iterable<DeclaredHandler> {
    const methods = [...this.#methods()];
    const serializersOf = ({ host, body }: DeclaredMethod) => classSerializersAround(this.config, host, body);
    const anySerializer = methods.flatMap(serializersOf)[0]?.name;
    for (const declared of methods) {
      const { name, method, body, host } = declared;
      const tracked: TrackedDeclaration | undefined = Reflect.getMetadata(TRACKED, body);
      const consumes: ConsumeDeclaration | undefined = Reflect.getMetadata(CONSUMES, body);
      const isBoth = tracked !== undefined && consumes !== undefined;
      const isRoute = Reflect.hasMetadata(METHOD_METADATA, body) && Reflect.hasMetadata(PATH_METADATA, body);
      if (tracked) {
        const answered = isRoute || isAnswered(body);
        const asked = isRoute || sourceOf(body, method, host.prototype as object) === CALLER;
        const passed = answered ? serializersOf(declared).find(({ type }) => !type)?.name : anySerializer;
        yield {
          ...tracked,
          name,
          consumes: false,
          isBoth,
          isRoute,
          answersItself: isRoute && answersItself(host, method),
          isAnswered: answered,
          blindSerializer: asked ? passed : undefined,
        };
      }
      if (consumes) {
        const policy = { ...kindValue(consumes.kind), ...consumes.options };
        yield { ...UNASKED, name, kind: consumes.kind, policy, isBoth };
      }
    }
  }

  *#methods(): Iterable<DeclaredMethod> {
    const seen = new Set<object>();
    for (const wrapper of [...this.discovery.getControllers(), ...this.discovery.getProviders()]) {
      if (typeof wrapper.metatype !== 'function') continue;
      const host = wrapper.metatype as unknown as Host;
      const { prototype } = host;
      if (typeof prototype !== 'object' || prototype === null) continue;
      const instance: object | undefined = wrapper.isDependencyTreeStatic()
        ? (wrapper.instance as object | undefined)
        : undefined;
      // A class that two modules provide has two instances of one declaration.
      if (seen.has(prototype)) continue;
      seen.add(prototype);
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const body = prototype[method];
        if (typeof body === 'function') yield { name: `${host.name}.${method}`, host, method, body, instance };
      }
    }
  }
}

/** A consuming method: nobody waits for what it returns. */
const UNASKED = {
  unnamed: false,
  consumes: true,
  isRoute: false,
  answersItself: false,
  isAnswered: false,
  blindSerializer: undefined,
};

/** Takes the response into its own hands (`@Res()` without passthrough): Nest sends nothing of what the method returns. */
function answersItself(host: Host, method: string): boolean {
  const noted: Record<string, unknown> = Reflect.getMetadata(ROUTE_ARGS_METADATA, host, method) ?? {};
  const takes = Object.keys(noted).some((type) =>
    [RouteParamtypes.RESPONSE, RouteParamtypes.NEXT].includes(Number(type.split(':')[0])),
  );
  return takes && !Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, host, method);
}
