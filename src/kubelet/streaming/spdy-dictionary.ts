/**
 * The words both ends of a SPDY connection know beforehand, so that headers compress well: first names,
 * each with its length before it, then running text.
 *
 * The text is that of the SPDY/3 specification, section 2.6.10.1.
 */
const NAMES = [
  ..."options head post put delete trace accept accept-charset accept-encoding".split(" "),
  ..."accept-language accept-ranges age allow authorization cache-control connection".split(" "),
  ..."content-base content-encoding content-language content-length content-location".split(" "),
  ..."content-md5 content-range content-type date etag expect expires from host if-match".split(
    " ",
  ),
  ..."if-modified-since if-none-match if-range if-unmodified-since last-modified".split(" "),
  ..."location max-forwards pragma proxy-authenticate proxy-authorization range".split(" "),
  ..."referer retry-after server te trailer transfer-encoding upgrade user-agent".split(" "),
  ..."vary via warning www-authenticate method get status".split(" "),
  "200 OK",
  ..."version HTTP/1.1 url public set-cookie keep-alive origin".split(" "),
];

const TEXT =
  "1001012012022052063003023033043053063074024054064074084094104114124134144154164175025045052" +
  "03 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauth" +
  "orized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unav" +
  "ailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sa" +
  "t, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml" +
  "+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=i" +
  "so-8859-1,utf-,*,enq=0.";

export const SPDY_DICTIONARY = Buffer.concat([
  ...NAMES.map((name) => {
    const entry = Buffer.alloc(4 + name.length);
    entry.writeUInt32BE(name.length);
    entry.write(name, 4);
    return entry;
  }),
  Buffer.from(TEXT),
]);
