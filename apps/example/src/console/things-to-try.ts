export function thingsToTry(port: string): string {
  const url = `http://localhost:${port}`;
  return `Serving on ${url} until Ctrl-C. To try:

  curl -i -X POST ${url}/audits/express         # 201; 409 from then on
  curl -i -X POST ${url}/audits/@nestjs%2Fcore  # URL-encoded; @version is optional
  curl -i -X POST ${url}/audits/busboy          # 422: at fault; the consumer tries again
  curl '${url}/jobs?status=ignored'
  curl -X POST ${url}/jobs/retry -H 'Content-Type: application/json' -d '{"kind":"classify","status":"ignored"}'`;
}
