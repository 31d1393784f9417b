import { type ArgumentsHost, Catch, UnprocessableEntityException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { PackageError } from '../packages/package-error.js';

/** `@Tracked` throws on what the handler threw: how the application's own errors are answered stays its own affair. */
@Catch(PackageError)
export class PackageErrorFilter extends BaseExceptionFilter {
  override catch(error: PackageError, host: ArgumentsHost): void {
    const body = { statusCode: 422, error: error.name, message: error.message };
    super.catch(new UnprocessableEntityException(body, { cause: error }), host);
  }
}
