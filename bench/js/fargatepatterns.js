// The twin of ../fargatepatterns.
const { App, Stack } = require('aws-cdk-lib');
const acm = require('aws-cdk-lib/aws-certificatemanager');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const patterns = require('aws-cdk-lib/aws-ecs-patterns');

const app = new App();
const stack = new Stack(app, 'Fargate');
const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate',
  'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-0000-0000-000000000000');
new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
  vpc: new ec2.Vpc(stack, 'Vpc'), certificate,
  taskImageOptions: { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/busybox:1.37'), containerPort: 8080 },
});
app.synth();
