module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/jest'],
  transform: {},
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean'],
};
