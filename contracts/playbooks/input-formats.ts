const label = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** RFC 1123: labels of letters, digits and dashes, at most 253 characters. */
export const isHostname = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((part) => label.test(part));

const isIpv4 = (text: string): boolean => {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
};

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let count = 0;
  for (const [at, half] of halves.entries()) {
    const groups = half === '' ? [] : half.split(':');
    for (const [index, group] of groups.entries()) {
      const isLast = at === halves.length - 1 && index === groups.length - 1;
      if (isLast && group.includes('.')) {
        if (!isIpv4(group)) return false;
        count += 2;
      } else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) count++;
      else return false;
    }
  }
  return halves.length === 2 ? count <= 7 : count === 8;
}

export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  return (
    at > 0 &&
    text.length <= 254 &&
    /^[^\s@"(),:;<>[\]\\]{1,64}$/.test(text.slice(0, at)) &&
    isHostname(text.slice(at + 1))
  );
}

export function isUrl(text: string): boolean {
  const parts = /^https?:\/\/(?:[^\s/?#@]*@)?(\[[^\]\s]+\]|[^\s/?#:@]+)(?::(\d{1,5}))?(?:[/?#]\S*)?$/i.exec(text);
  if (!parts || Number(parts[2] ?? 0) > 65_535) return false;
  const host = parts[1] ?? '';
  return host.startsWith('[') ? isIpv6(host.slice(1, -1)) : isHostname(host.replace(/\.$/, ''));
}

/** The well-known forms of a text input, with the words for a message. */
export const formats: Readonly<Record<string, { readonly holds: (text: string) => boolean; readonly says: string }>> = {
  email: { holds: isEmail, says: 'an e-mail address' },
  url: { holds: isUrl, says: 'an address such as https://example.com/' },
  hostname: { holds: isHostname, says: 'a host name' },
  ip: { holds: isIp, says: 'an IP address' },
  cidr: { holds: isCidr, says: 'a network such as 10.0.0.0/8' },
};
