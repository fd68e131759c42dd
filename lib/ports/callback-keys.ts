/**
 * The keys that callbacks are signed with. Each has an id, which a token names: a newer key signs from then on, and
 * tokens of the one before still verify, until it is taken away. It makes and reads keys, and never signs.
 */
export interface CallbackKeys {
  /** The newest, made if there is none. @throws PawlError `storage_failed`, `data_folder_unwritable` */
  current(): Promise<CallbackKey>;
  /** Undefined: there is none of this id, or there is no more. Ids come from whoever calls: asking costs nothing. */
  byId(id: string): Promise<CallbackKey | undefined>;
}

export interface CallbackKey {
  readonly id: string;
  /** 32 bytes or more: HMAC-SHA256 wants as many as it gives (RFC 7518, 3.2). */
  readonly secret: Uint8Array;
}
