import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { CurrentJob, type JobRun, Tracked } from 'nestjs-job-tracking';

export interface Mail {
  messageId: string;
  to: string;
}

@Processor('mails')
export class MailsProcessor extends WorkerHost {
  /** Of a mail that is queued twice, under two ids of BullMQ's, the second gets what the first came to. */
  @Tracked('data.messageId', { kind: 'mail', maxAttempts: 5 })
  async process({ data }: Job<Mail>, _token?: string, @CurrentJob() run?: JobRun) {
    return { sentTo: data.to, key: run?.idempotencyKey };
  }
}
