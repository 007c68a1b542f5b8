import { mkdir, writeFile } from "node:fs/promises";
import { execa } from "execa";

/** Files of one end of a connection with TLS in both directions. */
export interface Certificate {
  /** The authority that the other end must have its certificate from. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const lifetime = ["-days", "1"];
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** An authority of a test's own, in a folder, whose certificates are good for a day. */
export class CertificateAuthority {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(folder: string): Promise<CertificateAuthority> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = ["-keyout", `${folder}/ca-key.pem`, "-out", `${folder}/ca.pem`];
    await execa("openssl", ["req", "-x509", ...newKey, ...files, ...lifetime, "-subj", "/CN=authority"]);
    return new CertificateAuthority(folder);
  }

  /** A certificate for a server at `address`, or for a client. */
  async issue(name: string, address?: string): Promise<Certificate> {
    const path = (kind: string) => `${this.#folder}/${name}${kind}`;
    const [cert, key] = [path(".pem"), path("-key.pem")];
    const subject = ["-subj", `/CN=${name}`];
    await execa("openssl", ["req", "-new", ...newKey, "-keyout", key, "-out", path(".csr"), ...subject]);
    const purpose = address === undefined ? "clientAuth" : `serverAuth\nsubjectAltName=IP:${address}`;
    await writeFile(path(".ext"), `extendedKeyUsage=${purpose}\n`);
    const authority = ["-CA", `${this.#folder}/ca.pem`, "-CAkey", `${this.#folder}/ca-key.pem`];
    const request = ["-in", path(".csr"), "-extfile", path(".ext"), "-out", cert];
    await execa("openssl", ["x509", "-req", ...request, ...authority, "-CAcreateserial", ...lifetime]);
    return { ca: `${this.#folder}/ca.pem`, cert, key };
  }
}
