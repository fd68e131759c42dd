/** Objects in buckets, as Amazon S3 has them: lists that a workflow goes through may lie there. */

export interface Objects {
  /** Its bytes, as they come; whoever has enough stops. @throws ObjectRefused */
  readonly get: (object: ObjectAt) => AsyncIterable<Uint8Array>;
  /** By their keys' bytes. @throws ObjectRefused */
  readonly list: (listing: ObjectListing) => AsyncIterable<ListedObject>;
}

interface InBucket {
  readonly bucket: string;
  /** The account whose bucket it has to be. */
  readonly owner?: string;
}

export interface ObjectAt extends InBucket {
  readonly key: string;
  readonly version?: string;
}

export interface ObjectListing extends InBucket {
  /** What keys begin with. */
  readonly prefix?: string;
  /** The key after which it begins. */
  readonly after?: string;
}

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  readonly storageClass: string;
}

/** Trying again does not help: there is no such object, or nobody may read it. */
export class ObjectRefused extends Error {
  /** As S3 names it: `NoSuchKey`, `NoSuchBucket`, `AccessDenied`, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ObjectRefused";
    this.code = code;
  }
}
