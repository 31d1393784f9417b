import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { TRACKED, type TrackedDeclaration } from './tracked-declaration.js';

interface Arrival {
  declaration: TrackedDeclaration;
  context: ExecutionContext;
}

const arrivals = new AsyncLocalStorage<Arrival>();

/**
 * Notes by what request a tracked method is about to be called; it locks nothing. Guards have let the request in, pipes have not run yet: a claim
 * here would charge an input that a pipe refuses.
 */
@Injectable()
export class ArrivalInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const declaration: TrackedDeclaration | undefined = Reflect.getMetadata(TRACKED, context.getHandler());
    return declaration ? arrivals.run({ declaration, context }, () => next.handle()) : next.handle();
  }
}

/** The request that called this very handler; undefined for a plain call, also one made inside another handler. */
export function arrivalAt(declaration: TrackedDeclaration): ExecutionContext | undefined {
  const arrival = arrivals.getStore();
  return arrival?.declaration === declaration ? arrival.context : undefined;
}

/** A tracked call inside the work must not take the outer request for its own. */
export function leaveArrival<T>(work: () => T): T {
  return arrivals.exit(work);
}
