// AWS's answers through its own SDK, kept for an hour. A promise is not kept: like textbook code
// everywhere, two that miss at once call twice.
import {
  DescribeAutoMLJobV2Command,
  DescribeMonitoringScheduleCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';

const LIFETIME = 3_600_000;
const client = new SageMakerClient({ region: 'eu-west-1', endpoint: process.env.UPSTREAM_URL });
const kept = new Map();

async function describe(type, Command, name) {
  const key = `${type}:${name}`;
  const known = kept.get(key);
  if (known !== undefined && known.until > Date.now()) return known.answer;
  const answer = await client.send(new Command({ [`${type}Name`]: name }));
  answer.__typename = type;
  kept.set(key, { answer, until: Date.now() + LIFETIME });
  return answer;
}

export const nameOf = (arn) => arn.slice(arn.lastIndexOf('/') + 1);

export const processingJob = (name) =>
  describe('ProcessingJob', DescribeProcessingJobCommand, name);
export const trainingJob = (name) => describe('TrainingJob', DescribeTrainingJobCommand, name);
export const autoMLJob = (name) => describe('AutoMLJob', DescribeAutoMLJobV2Command, name);
export const monitoringSchedule = (name) =>
  describe('MonitoringSchedule', DescribeMonitoringScheduleCommand, name);
