import {
  type ConsumeOptions,
  checkConsumeOptions,
  type JobRun,
  type KindRef,
  kindName,
  type OutputOf,
} from '../../protocol/index.js';
import { CONSUMES } from '../tracked/tracked-declaration.js';

export interface ConsumeDeclaration {
  kind: KindRef;
  options: ConsumeOptions;
}

/** The method runs the due jobs of the kind, from the app's start to its stop. Its class must be a provider of one instance (not request scoped). */
export function Consume<K extends KindRef>(
  kind: K,
  options: ConsumeOptions = {},
): <M extends (run: JobRun<K>) => OutputOf<K> | Promise<OutputOf<K>>>(
  target: object,
  key: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void {
  checkConsumeOptions(kind, options, `@Consume(${kindName(kind)})`);
  const declaration: ConsumeDeclaration = { kind, options };
  return (_target, _key, descriptor) => {
    if (descriptor.value) Reflect.defineMetadata(CONSUMES, declaration, descriptor.value);
  };
}
