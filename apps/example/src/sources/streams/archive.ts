import { Injectable } from '@nestjs/common';
import { Tracked } from 'nestjs-job-tracking';

@Injectable()
export class Archive {
  /** Claims as its reader asks for the first page. What it returns, after all that it yields, is the job's output. */
  @Tracked('id', 'export-pages')
  async *pages(id: string): AsyncGenerator<string, { pages: number }> {
    for (const page of [1, 2]) yield `${id}, page ${page}`;
    return { pages: 2 };
  }
}
