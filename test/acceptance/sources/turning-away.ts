import {
  type ArgumentMetadata,
  BadRequestException,
  type CanActivate,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import type { Calls } from './calls.js';
import { inputAmong } from './input-among.js';

export class TurningGuard implements CanActivate {
  constructor(private readonly calls: Calls) {}

  canActivate(context: ExecutionContext): boolean {
    const input = inputAmong(context.getArgs());
    if (input?.turnedAwayBy !== 'guard') return true;
    this.calls.turnAway(input, 'guard');
    return false;
  }
}

/** Also makes the input an instance of the class that the parameter is declared with. A socket passes it too: Nest gives it every argument. */
export class TurningPipe implements PipeTransform {
  constructor(private readonly calls: Calls) {}

  transform(value: unknown, { metatype }: ArgumentMetadata): unknown {
    const input = inputAmong([value]);
    if (!input) return value;
    if (input.turnedAwayBy === 'pipe') {
      this.calls.turnAway(input, 'pipe');
      throw new BadRequestException('a pipe has turned it away');
    }
    return metatype ? Object.assign(new metatype(), input) : input;
  }
}
