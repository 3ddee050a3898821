// Tells the server the browser's time zone, so that pages show times as the reader's clock does.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (/^[A-Za-z][\w+/-]{0,63}$/.test(zone ?? '')) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `zerostate_monitoring_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
