/** Certificates of an authority of their own, made by openssl for one run of tests. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface KeyPair {
  /** Paths of PEM files. */
  readonly certificate: string
  readonly privateKey: string
}

/** An authority, by whose name it signs. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kurrentlite-tls-'))
  /** Path of its own certificate. */
  readonly certificate = join(this.folder, 'ca.crt')

  constructor(name = 'kurrentlite tests') {
    const key = join(this.folder, 'ca.key')
    this.openssl(
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
      '-keyout', key, '-out', this.certificate,
    )
  }

  /** A certificate for `commonName`, which a server shows as localhost and 127.0.0.1. */
  sign(commonName: string): KeyPair {
    const [request, extensions] = [join(this.folder, `${commonName}.csr`), join(this.folder, `${commonName}.ext`)]
    const [certificate, privateKey] = [join(this.folder, `${commonName}.crt`), join(this.folder, `${commonName}.key`)]
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n')
    this.openssl(
      'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${commonName}`,
      '-keyout', privateKey, '-out', request,
    )
    this.openssl(
      'x509', '-req', '-days', '2', '-in', request, '-CA', this.certificate, '-CAkey', join(this.folder, 'ca.key'),
      '-CAcreateserial', '-extfile', extensions, '-out', certificate,
    )
    return { certificate, privateKey }
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' })
  }
}

/** Arguments of `kurrentlite serve` for a server that shows `pair`. */
export const serving = ({ certificate, privateKey }: KeyPair): string[] => ['--certificate', certificate, '--private-key', privateKey]
