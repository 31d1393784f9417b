import { type ArgumentsHost, BadRequestException, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { InvalidOptionsError } from 'nestjs-job-tracking';

/** A malformed query is the caller's fault where it comes out of a request. */
@Catch(InvalidOptionsError)
export class InvalidQueryFilter extends BaseExceptionFilter {
  override catch(error: InvalidOptionsError, host: ArgumentsHost): void {
    const body = { statusCode: 400, code: error.code, message: error.message };
    super.catch(new BadRequestException(body, { cause: error }), host);
  }
}
