import type { TrackingPolicy } from 'nestjs-job-tracking';

/** What handlers are given where their source can give them anything. */
export class Input {
  kind!: string;
  id!: string;
  turnedAwayBy?: TurnedAwayBy;
  amount?: number;
}

export type TurnedAwayBy = 'guard' | 'pipe';

/** One decorated method: its kind, with its policy. */
export interface Kind {
  name: string;
  policy: TrackingPolicy;
  /** Its jobs keep the input's amount as their data. */
  keepsData?: boolean;
  /** Where @Tracked stands: below the decorators of its source; `wrapped`: below one that replaces the method, too. */
  order?: 'above' | 'wrapped';
  /** Nest is given a class that inherits the method. */
  inherited?: boolean;
  /** Nest makes an instance of that class for each call. */
  perRequest?: boolean;
}
