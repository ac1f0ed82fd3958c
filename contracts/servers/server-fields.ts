import { z } from 'zod';

/** What a server is called; playbooks choose by it, with `*` and `?` as globs, so these are no part of a name. */
export const ServerName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .refine((text) => !/[\p{Cc}*?,]/u.test(text), 'A name without commas, * and ?.');

const isIpv6 = (text: string): boolean => z.ipv6().safeParse(text.replace(/%[A-Za-z0-9._-]+$/, '')).success;
const hostName = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*\.?$/;

/** A host name or an address, alone: no user, no port, no scheme. IPv6 may come in brackets. */
export const HostAddress = z
  .string()
  .trim()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .refine((text) => hostName.test(text) || isIpv6(text), 'A host name or an IP address, without user, port or scheme.');

export const Port = z.number().int().min(1).max(65_535);

/** Where names sort naturally (`web-2` before `web-10`): numbers are padded, letters made small. */
export const naturalKey = (name: string): string =>
  name.toLowerCase().replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(12, '0'));

/** At most so many jumps lie between us and a server. */
export const maxJumps = 5;
