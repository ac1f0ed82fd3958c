import type { LogSender } from '#contracts/logs/logs.ts';

/** What to write where, so that a shipper sends here; `url` ends with the token. */
export function setUpOf(sender: LogSender, url: string): { where: string; text: string; note?: string } {
  const place = URL.canParse(url) ? new URL(url) : new URL('http://localhost/');
  const path = place.pathname;
  const port = place.port || (place.protocol === 'https:' ? '443' : '80');
  const isTls = place.protocol === 'https:';
  switch (sender) {
    case 'otel':
      return {
        where: 'config.yaml of the Collector',
        text: `exporters:\n  otlphttp/windlass:\n    endpoint: ${url}\n    encoding: json\n    compression: gzip\n\nservice:\n  pipelines:\n    logs:\n      exporters: [otlphttp/windlass]`,
        note: 'The exporter writes protobuf unless it is told to write JSON.',
      };
    case 'promtail':
      return {
        where: 'config.alloy, through an OpenTelemetry exporter',
        text: `otelcol.receiver.loki "windlass" {\n  output {\n    logs = [otelcol.exporter.otlphttp.windlass.input]\n  }\n}\n\notelcol.exporter.otlphttp "windlass" {\n  encoding = "json"\n  client {\n    endpoint = "${url}"\n  }\n}`,
        note: `Forward loki.source.* to otelcol.receiver.loki.windlass.receiver. What pushes Loki’s JSON by itself sends to ${url}/loki/api/v1/push; Promtail’s own push is protobuf, which is answered with 415.`,
      };
    case 'fluent-bit':
      return {
        where: 'fluent-bit.conf',
        text: `[OUTPUT]\n    name              http\n    match             *\n    host              ${place.hostname}\n    port              ${port}\n    tls               ${isTls ? 'on' : 'off'}\n    uri               ${path}/ndjson\n    format            json_lines\n    json_date_key     time\n    json_date_format  iso8601\n    compress          gzip`,
      };
    case 'filebeat':
      return {
        where: 'filebeat.yml',
        text: `output.elasticsearch:\n  hosts: ["${place.origin}"]\n  path: "${path}"\n  compression_level: 5\n  allow_older_versions: true\n\nsetup.template.enabled: false\nsetup.ilm.enabled: false\nsetup.dashboards.enabled: false`,
      };
    case 'vector':
      return {
        where: 'vector.yaml',
        text: `sinks:\n  windlass:\n    type: http\n    inputs: ["your_source"]\n    uri: ${url}/ndjson\n    compression: gzip\n    encoding:\n      codec: json\n    framing:\n      method: newline_delimited\n    request:\n      retry_attempts: 100`,
      };
    case 'rsyslog':
      return {
        where: '/etc/rsyslog.d/windlass.conf',
        text: `action(type="omfwd" target="${place.hostname}" port="5514" protocol="tcp"\n  TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"\n  queue.type="linkedList" queue.filename="windlass" action.resumeRetryCount="-1")`,
        note: `Listening for syslog is set where Windlass runs: WINDLASS_SYSLOG=tcp://0.0.0.0:5514/${path.split('/').at(-1) ?? ''} (udp:// too, several apart by commas).`,
      };
    case 'datadog':
      return {
        where: 'datadog.yaml of the Agent',
        text: `logs_enabled: true\nlogs_config:\n  force_use_http: true\n  logs_dd_url: "${url}"\n  use_v2_api: true`,
      };
    case 'ndjson':
      return {
        where: 'a shell',
        text: `curl -sS '${url}/ndjson' -H 'content-type: application/x-ndjson' --data-binary @- <<'EOF'\n{"severity":"error","service":"checkout","host":"web-1","text":"payment failed","attributes":{"order":4711}}\nEOF`,
        note: 'One JSON object a line: at, severity, service, host, text, id (sent again, it is written once), attributes; other fields become attributes.',
      };
  }
}
