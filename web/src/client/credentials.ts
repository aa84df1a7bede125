/** Tells the kinds of credentials apart. */

import type { BasicCredentials, BearerCredentials, Credentials } from './types/core'

/** A user and a password. */
export const isBasicCredentials = (credentials?: Credentials): credentials is BasicCredentials =>
  credentials !== undefined && 'username' in credentials

/** A token. */
export const isBearerCredentials = (credentials?: Credentials): credentials is BearerCredentials =>
  credentials !== undefined && 'bearerToken' in credentials
