import { Readable } from 'node:stream';
import { Controller, Get, type MessageEvent, Param, Sse, StreamableFile } from '@nestjs/common';
import { Tracked } from 'nestjs-job-tracking';
import { map, type Observable, range } from 'rxjs';

@Controller('exports')
export class ExportsController {
  /** Has succeeded when the last event was sent; a client that goes away before leaves the job pending. */
  @Sse(':id/events')
  @Tracked('id', 'export-events')
  events(@Param('id') id: string): Observable<MessageEvent> {
    return range(1, 3).pipe(map((row) => ({ data: { row, of: id } })));
  }

  @Get(':id/rows.csv')
  @Tracked('id', { kind: 'export-rows', onDuplicate: 'rerun' })
  rows(@Param('id') id: string): StreamableFile {
    return new StreamableFile(Readable.from(linesOf(id), { objectMode: false }), { type: 'text/csv' });
  }
}

function* linesOf(id: string): Generator<string> {
  yield 'export,row\n';
  for (const row of [1, 2, 3]) yield `${id},${row}\n`;
}
