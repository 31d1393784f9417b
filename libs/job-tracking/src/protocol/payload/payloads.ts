import type { FailureRecord } from '../job/job.js';
import type { JobKind } from '../job/kind.js';
import { InvalidJobError } from '../options/errors.js';
import { boundFailure, failureRecordOf } from './failure-record.js';
import { readBy } from './schema.js';
import { hashOf, toJson } from './to-json.js';

export type PayloadField = 'data' | 'checkpoint' | 'output' | 'error';
export type Redact = (value: unknown, where: PayloadField) => unknown;

/** Bytes of JSON. */
export type PayloadLimits = Record<PayloadField, number>;

export const PAYLOAD_LIMITS: PayloadLimits = { data: 2 ** 20, checkpoint: 2 ** 16, output: 2 ** 20, error: 2 ** 14 };

/** Everything that is stored of the user's passes here: redacted, checked to be JSON within its limit, and read back by its schema. */
export class Payloads {
  constructor(
    private readonly limits: PayloadLimits,
    private readonly redact: Redact | undefined,
  ) {}

  /** The JSON text to store. Throws InvalidJobError whose field is a path into the payload. */
  async json(value: unknown, field: Exclude<PayloadField, 'error'>, kind?: JobKind): Promise<string> {
    const json = this.text(value, field);
    const schema = kind?.[field];
    if (schema) await readBy(schema, JSON.parse(json), field);
    return json;
  }

  /** As `json`, without the schema. */
  text(value: unknown, field: Exclude<PayloadField, 'error'>): string {
    return toJson(this.#redacted(value, field), field, this.limits[field]);
  }

  /** Data to register, and what tells whether a later call brings the same. */
  async data(value: unknown, kind: JobKind | undefined): Promise<{ data: string | null; dataHash: string | null }> {
    if (value === undefined) {
      await readBy(kind?.data, undefined, 'data');
      return { data: null, dataHash: null };
    }
    const data = await this.json(value, 'data', kind);
    return { data, dataHash: hashOf(data) };
  }

  /** Never throws: whatever was thrown becomes a record within its limit. */
  failure(thrown: unknown): FailureRecord {
    const record = failureRecordOf(thrown, this.limits.error);
    if (this.redact === undefined) return record;
    try {
      return boundFailure(this.redact(record, 'error'), this.limits.error);
    } catch {
      return boundFailure(
        { name: record.name, message: 'redact threw', fingerprint: record.fingerprint },
        this.limits.error,
      );
    }
  }

  #redacted(value: unknown, field: PayloadField): unknown {
    if (this.redact === undefined) return value;
    try {
      return this.redact(value, field);
    } catch (cause) {
      throw new InvalidJobError(field, `${field} could not be redacted: redact threw`, { cause });
    }
  }
}
