import type { DoctorReport, StoreSession } from '@polyshift/core';
import type { EtlStatus } from '@polyshift/etl/status';

/** The specs that have loaded into a store; see `etlStatus`. Nothing that loads is imported for that, and nothing at all where there are none. */
export async function etlStatusOf(session: StoreSession): Promise<readonly EtlStatus[]> {
  return (await hasRuns(session)) ? (await import('@polyshift/etl/status')).etlStatus(session) : [];
}

/** A report of migrations with what is half done of ETL. */
export async function withEtlFindings(session: StoreSession, report: DoctorReport): Promise<DoctorReport> {
  if (!(await hasRuns(session))) return report;
  const { etlFindings } = await import('@polyshift/etl/doctor');
  const findings = [...report.findings, ...(await etlFindings(session))];
  return { ...report, healthy: findings.length === 0, findings };
}

async function hasRuns({ journal }: StoreSession): Promise<boolean> {
  return (await journal.list('checkpoint', 'etl/')).length > 0;
}
