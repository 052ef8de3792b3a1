// The schema of all Node peers: a field is the AWS member of its name, unless it says otherwise.
import { readFileSync } from 'node:fs';
import { GraphQLScalarType, buildSchema, isObjectType } from 'graphql';
import * as sagemaker from './sagemaker.mjs';

export const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

const dateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value.toISOString() : value),
});

const link = (member, read) => (job) =>
  job[member] ? read(sagemaker.nameOf(job[member])) : null;

const special = {
  Query: {
    processingJob: (_, { name }) => sagemaker.processingJob(name),
    nodes: (_, { ids }) =>
      Promise.all(ids.map((id) => sagemaker.processingJob(sagemaker.nameOf(id)))),
  },
  EnvironmentVariable: { key: ([key]) => key, value: ([, value]) => value },
  ProcessingJob: {
    id: (job) => job.ProcessingJobArn,
    environment: (job) => (job.Environment ? Object.entries(job.Environment) : null),
    trainingJob: link('TrainingJobArn', sagemaker.trainingJob),
    autoMLJob: link('AutoMLJobArn', sagemaker.autoMLJob),
    monitoringSchedule: link('MonitoringScheduleArn', sagemaker.monitoringSchedule),
  },
  TrainingJob: { id: (job) => job.TrainingJobArn },
  AutoMLJob: { id: (job) => job.AutoMLJobArn },
  MonitoringSchedule: { id: (schedule) => schedule.MonitoringScheduleArn },
};

function fieldsOf(type) {
  const fields = {};
  for (const name of Object.keys(type.getFields())) {
    const member = name[0].toUpperCase() + name.slice(1);
    fields[name] = special[type.name]?.[name] ?? ((source) => source[member]);
  }
  return fields;
}

const types = Object.values(buildSchema(typeDefs).getTypeMap());
const objects = types.filter((type) => isObjectType(type) && !type.name.startsWith('__'));

export const resolvers = {
  DateTime: dateTime,
  ...Object.fromEntries(objects.map((type) => [type.name, fieldsOf(type)])),
};

export const listen = { port: Number(process.env.PORT), host: '127.0.0.1' };
