/** A user that is made for a jail. Its group has the same number. */
export interface HostUser {
  readonly name: string;
  readonly uid: number;
  /** Absolute host path. */
  readonly home: string;
}

/** The system's table of users. Whoever changes it holds a lock: there are systems that know none. */
export interface HostUsers {
  /** Path of the shell that its users have. */
  readonly shell: string;
  /** Names of all users that begin with `prefix`. */
  list(prefix: string): Promise<readonly string[]>;
  /**
   * Makes a user that nobody can log in as.
   * @throws RundError alreadyExists when the name or the number is taken; internal with what the system's program said
   */
  create(user: HostUser): Promise<void>;
  /** Existing folders, outside of its home, in which a user may have left files. */
  folders(uid: number): Promise<readonly string[]>;
  /** Removes a user; one that is gone already is fine. */
  remove(name: string): Promise<void>;
}
