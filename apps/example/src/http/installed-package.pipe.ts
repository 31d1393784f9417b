import { BadRequestException, Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import { InstalledPackages } from '../packages/installed-packages.js';

const PACKAGE = /^(@[\w.~-]+\/)?[\w.~-]+(@[\w.+-]+)?$/;

/**
 * `express` and `express@5.3.0` are one job: the job's id is what the pipe makes of the request, `name@version`. A name alone means
 * the version that the application itself would import. What is refused here claims nothing.
 */
@Injectable()
export class InstalledPackagePipe implements PipeTransform<string, string> {
  constructor(private readonly installed: InstalledPackages) {}

  transform(wanted: string): string {
    if (!PACKAGE.test(wanted))
      throw new BadRequestException('expected a package as name or name@version, URL-encoded: @nestjs%2Fcore');
    const [found, ...more] = this.installed.find(wanted);
    if (!found) throw new NotFoundException(`${wanted} is not installed`);
    if (more.length > 0)
      throw new BadRequestException(`name one: ${[found, ...more].map(({ id }) => id).join(', ')} are installed`);
    return found.id;
  }
}
