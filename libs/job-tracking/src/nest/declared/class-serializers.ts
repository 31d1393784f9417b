import { type ClassSerializerContextOptions, ClassSerializerInterceptor } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { CLASS_SERIALIZER_OPTIONS } from '@nestjs/common/serializer/class-serializer.constants.js';
import type { ApplicationConfig } from '@nestjs/core';

/** An interceptor that hides fields by the class of what is answered, as `@Exclude()` says. */
export interface ClassSerializer {
  name: string;
  /** The class that it makes of plain data first. undefined: none, so that of plain data it hides nothing. */
  type: unknown;
}

type Options = Pick<ClassSerializerContextOptions, 'type'>;

/** In the order of the chain: those of the whole app, of the method's class, and its own. */
export function classSerializersAround(config: ApplicationConfig, host: object, method: object): ClassSerializer[] {
  const said: Options =
    Reflect.getMetadata(CLASS_SERIALIZER_OPTIONS, method) ?? Reflect.getMetadata(CLASS_SERIALIZER_OPTIONS, host) ?? {};
  const bound = [host, method].flatMap((each): unknown[] => Reflect.getMetadata(INTERCEPTORS_METADATA, each) ?? []);
  const perRequest = config.getGlobalRequestInterceptors().map(({ metatype }) => metatype);
  return [...config.getGlobalInterceptors(), ...perRequest, ...bound].flatMap((interceptor) => {
    const metatype = typeof interceptor === 'function' ? interceptor : (interceptor as object | null)?.constructor;
    if (!metatype || !isClassSerializer(metatype.prototype)) return [];
    const { defaultOptions } = interceptor as { defaultOptions?: Options };
    return { name: metatype.name, type: { ...defaultOptions, ...said }.type };
  });
}

function isClassSerializer(prototype: unknown): boolean {
  return prototype === ClassSerializerInterceptor.prototype || prototype instanceof ClassSerializerInterceptor;
}
