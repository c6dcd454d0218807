"""RegisterJobDefinition refuses what AWS refuses, in AWS's words, and nothing comes of it. Checklist item 8."""

import itertools

import pytest
from conformance.definitions import NEEDS, ROLE, container, fargate, kube, nodes, plain, pod, task

numbers = itertools.count()
EFS = {"fileSystemId": "fs-12345678"}
SECRET = [{"name": "S", "valueFrom": "arn:aws:ssm:us-east-1:000000000000:parameter/x"}]


def need(kind, value):
    return plain(resourceRequirements=[*(each for each in NEEDS if each["type"] != kind), {"type": kind, "value": value}])


def linux(**parameters):
    return plain(linuxParameters=parameters)


def efs(**members):
    return plain(volumes=[{"name": "v", "efsVolumeConfiguration": {**EFS, **members}}])


def retry(*entries, attempts=2):
    return {**plain(), "retryStrategy": {"attempts": attempts, "evaluateOnExit": list(entries)}}


def consuming(*names):
    listed = [{"consumableResource": name, "quantity": 1} for name in names]
    return {**plain(), "consumableResourceProperties": {"consumableResourceList": listed}}


KINDS = [
    # JD-2
    ({**plain(), **task(container())}, "Cannot use both ECS containerProperties and ecsProperties"),
    ({**plain(), **pod(kube())}, "Cannot use both ECS containerProperties and eksProperties"),
    ({**task(container()), **pod(kube())}, "Cannot use both ecsProperties and eksProperties"),
    ({**nodes(2, "0:"), **pod(kube()), "type": "multinode"}, "Cannot use both nodeProperties and eksProperties"),
    ({"type": "multinode"}, "Node properties of multinode job is required."),
    # FG-1, MI-1
    ({**plain(), "platformCapabilities": ["EC2", "FARGATE"]}, "Exactly 1 capability must be provided."),
    ({**plain(), "platformCapabilities": ["MOON"]}, "MOON"),
    ({**nodes(2, "0:"), "platformCapabilities": ["FARGATE"]}, "Fargate does not support MNP jobs"),
    ({**nodes(2, "0:"), "platformCapabilities": ["MANAGED_INSTANCES"]}, "MANAGED_INSTANCES does not support MNP jobs"),
    (
        {**plain(), "platformCapabilities": ["MANAGED_INSTANCES"]},
        "Cannot use ECS containerProperties for MANAGED_INSTANCES",
    ),
    # JD-6, SUB-9
    ({**plain(), "schedulingPriority": 10_000}, "Scheduling priority must be between 0 and 9999."),
    ({**plain(), "schedulingPriority": -1}, "Scheduling priority must be between 0 and 9999."),
    ({**plain(), "timeout": {"attemptDurationSeconds": 59}}, "AttemptDurationSeconds in Timeout must be at least 60 seconds."),
    # CR-2, SUB-16
    (consuming(*"abcdef"), "Each ConsumableResourceProperty can have at most 5 consumableResources"),
    (consuming("a", "a"), "Cannot have duplicate consumableResource in consumableResourceProperties"),
]

CONTAINERS = [
    # CPU-2
    (plain(image=None), "ECS Container Image must be provided."),
    (plain(resourceRequirements=NEEDS[1:]), "vCPU is required."),
    (need("VCPU", "0"), "vCPU must be at least 1, got 0."),
    (need("MEMORY", "3"), "Memory must be at least 4 Mib, got 3 Mib."),
    (need("GPU", "many"), "Value many for type GPU in resourceRequirement is not valid. Please provide a numeric value."),
    (plain(resourceRequirements=NEEDS * 2), "Cannot provide duplicates in resourceRequirements."),
    (plain(vcpus=1), "Cannot use both ECS containerProperties vcpus/memory and resourceRequirement VCPU/MEMORY."),
    # SUB-12, SUB-13
    (plain(user="root:root"), "User 'root:root' does not match regex"),
    (plain(environment=[{"value": "x"}]), "Environment variable name is required."),
    (plain(environment=[{"name": "AWS_BATCH_JOB_ID", "value": "x"}]), "AWS_BATCH"),
    # CPU-4, CPU-5
    (linux(devices=[{"hostPath": "/dev/a", "permissions": ["EAT"]}]), "Invalid permission: EAT for device /dev/a"),
    (linux(maxSwap=1, swappiness=101), "Invalid swappiness: 101, must be between 0 and 100."),
    (linux(maxSwap=-1), "Invalid swap memory size: -1, must be non-negative."),
    (linux(maxSwap=1), "When container specified swap memory, swappiness value is required."),
    (
        linux(tmpfs=[{"containerPath": "/t", "size": 0}]),
        "Size of a tmpfs is invalid. The size is required and must be a positive integer.",
    ),
    # LOG-4, SEC-1
    (
        plain(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-colour": "blue"}}),
        "Log driver awslogs disallows options: awslogs-colour",
    ),
    (plain(secrets=SECRET), "executionRoleArn cannot be empty when using secrets or secretOptions"),
    (
        plain(logConfiguration={"logDriver": "awslogs", "secretOptions": SECRET}),
        "executionRoleArn cannot be empty when using secrets or secretOptions",
    ),
    # VOL-1 to VOL-4
    (
        plain(volumes=[{"name": "v", "host": {}, "efsVolumeConfiguration": EFS}]),
        "When the volume parameter is specified, only one volume configuration type should be used.",
    ),
    (plain(mountPoints=[{"sourceVolume": "none", "containerPath": "/x"}]), "none"),
    (efs(fileSystemId="x"), "EFS configuration fileSystemId is not valid: x."),
    (efs(authorizationConfig={"iam": "ENABLED"}), "EFS IAM authorization requires TransitEncryption to be enabled."),
    (
        efs(authorizationConfig={"accessPointId": "fsap-12345678"}),
        "EFS IAM access point requires TransitEncryption to be enabled.",
    ),
    (efs(transitEncryption="ENABLED", transitEncryptionPort=65_536), "TransitEncryptionPort must be a valid port number."),
    (
        efs(transitEncryption="ENABLED", rootDirectory="/x", authorizationConfig={"accessPointId": "fsap-12345678"}),
        'When using an EFS access point, the root directory must either be set to "/" or omitted',
    ),
    (
        plain(volumes=[{"name": "v", "s3filesVolumeConfiguration": {"fileSystemArn": "arn:aws:s3files:::fs/x"}}]),
        "A jobRoleArn/taskRoleArn is required when using s3filesVolumeConfiguration.",
    ),
]

RETRIES = [
    # RTY-1, RTY-5, RTY-7, RTY-8
    (retry(attempts=0), "RetryAttempts must be between 1 and 10."),
    (retry(attempts=11), "RetryAttempts must be between 1 and 10."),
    ({**plain(), "retryStrategy": {}}, "RetryAttempts must be provided with retry strategy."),
    (retry({"action": "EXIT"}), "EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason"),
    (retry({"onReason": "(x)", "action": "EXIT"}), "Evaluate on exit condition contains restricted characters."),
    (retry({"onReason": "*x", "action": "EXIT"}), "Evaluate on exit condition contains restricted characters."),
    (retry({"onReason": "x" * 513, "action": "EXIT"}), "Evaluate on exit condition cannot exceed 512 characters."),
    (retry(*[{"onReason": "x", "action": "EXIT"}] * 7), "EvaluateOnExit"),
]

PLATFORMS = [
    # FG-1, FG-2, FG-4, LOG-5, VOL-3, VOL-5
    (fargate(executionRoleArn=None), "executionRoleArn is required for Fargate jobs."),
    (fargate(ulimits=[{"name": "core", "softLimit": 0, "hardLimit": 0}]), "ulimits is not applicable for Fargate."),
    (fargate(linuxParameters={"sharedMemorySize": 1}), "linuxParameter.sharedMemorySize is not allowed for Fargate."),
    (fargate(volumes=[{"name": "v", "host": {"sourcePath": "/x"}}]), "host.sourcePath should not be set for volumes in Fargate."),
    (fargate(logConfiguration={"logDriver": "syslog"}), "Log driver for Fargate is not valid: syslog"),
    (fargate(ephemeralStorage={"sizeInGiB": 20}), "Ephemeral storage for Fargate tasks can be only between range 21 GiB to 200 GiB"),
    (
        fargate(
            volumes=[{"name": "v", "efsVolumeConfiguration": EFS}], fargatePlatformConfiguration={"platformVersion": "1.3.0"}
        ),
        "EFS is supported for Fargate platform versions 1.4.0 or later, provided 1.3.0",
    ),
    (fargate(resourceRequirements=[{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "512"}]), "Fargate resource"),
    (
        fargate(resourceRequirements=[{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}, {"type": "GPU", "value": "1"}]),
        "GPU is not applicable for Fargate.",
    ),
    (
        fargate(runtimePlatform={"operatingSystemFamily": "BEOS"}),
        "RuntimePlatform supports only one from [WINDOWS_SERVER_2019_CORE, WINDOWS_SERVER_2019_FULL, "
        "WINDOWS_SERVER_2022_CORE, WINDOWS_SERVER_2022_FULL, LINUX] operating systems, provided BEOS",
    ),
    (
        fargate(
            runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE", "cpuArchitecture": "ARM64"},
            resourceRequirements=[{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        ),
        "Windows supported only by X86_64 cpuArchitecture",
    ),
    (
        fargate(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE", "cpuArchitecture": "X86_64"}),
        "vCPU must be at least 1 for Windows Job definition, got 0.25.",
    ),
    # FG-3
    (plain(fargatePlatformConfiguration={"platformVersion": "LATEST"}), "fargatePlatformConfiguration not applicable for EC2."),
    (plain(networkConfiguration={"assignPublicIp": "ENABLED"}), "networkConfiguration not applicable for EC2."),
    (plain(runtimePlatform={"cpuArchitecture": "X86_64"}), "runtimePlatform is not applicable for EC2."),
    # MI-1
    (
        {
            **task(container(), runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE"}),
            "platformCapabilities": ["MANAGED_INSTANCES"],
        },
        "runtimePlatform for MANAGED_INSTANCES only supports LINUX operating system family.",
    ),
]

NODES = [
    # MNP-1 to MNP-3
    (nodes(0, "0:"), "Number of nodes must be between 1 and 1000."),
    (nodes(1001, "0:"), "Number of nodes must be between 1 and 1000."),
    (nodes(6, *"012345"), "Maximum allowed size of node range properties is 5"),
    (nodes(1, "a:b"), "targetNodes should contain only digits."),
    (nodes(2, {"targetNodes": "0:"}), "Must specify container for node range 0:"),
    (
        nodes(2, {"targetNodes": "0:", **task(container()), "container": plain()["containerProperties"]}),
        "NodeRangeProperties can not use both ecsProperties and container fields",
    ),
    (
        nodes(2, {"targetNodes": "0:", "instanceTypes": ["c5"], "container": plain()["containerProperties"]}),
        "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.",
    ),
    (nodes(3, "0:1"), "cover"),
    (nodes(2, "0:", main=2), "mainNode"),
]

TASKS = [
    # MC-1, MC-2, MC-5 to MC-7
    (task(), "Number of containers must be between 1 and 10"),
    (task(*(container(f"c{number}") for number in range(11))), "Number of containers must be between 1 and 10"),
    (task(container(essential=False)), "At least one container must be set as essential"),
    (
        task(container(dependsOn=[{"containerName": "a", "condition": "START"}])),
        "Container dependency can not be used in a single-container job.",
    ),
    (
        task(container(), container("b", dependsOn=[{"containerName": "z", "condition": "START"}])),
        "containerName z must reference a defined container.",
    ),
    (
        task(container(), container("b", dependsOn=[{"containerName": "a", "condition": "SOON"}])),
        "TaskContainer dependency SOON is not valid. Valid values are: [START, COMPLETE, SUCCESS]",
    ),
    (
        task(container(), container("b", dependsOn=[{"containerName": "a", "condition": "SUCCESS"}])),
        "The container target of a dependency can not have condition SUCCESS if the target is essential",
    ),
    (task(container(), ipcMode="x"), "ipcMode x is not valid. Valid values are: [host, task, none]"),
    (task(container(), pidMode="x"), "Capability x is not valid. Valid capabilities: [host, task]"),
    (task(container(resourceRequirements=[])), "vCPU is required."),
    (
        task(container(user="nobody", firelensConfiguration={"type": "fluentd"})),
        "When a firelensConfiguration object is specified, at least one container has to run as root",
    ),
]

PODS = [
    # EKS-1, EKS-2, EKS-4, EKS-5, EKS-6
    (pod(), "Containers must be provided for Batch on EKS jobs."),
    (pod(kube(), kube()), "The container name: c must be unique in multi-container job."),
    (pod(kube(resources={"limits": {"cpu": "x", "memory": "64Mi"}})), "Value x for type cpu in resources is not valid. Provide a valid number and unit."),
    (pod(kube(resources={"limits": {"cpu": "1", "memory": "64"}})), "Value 64 for type memory is not valid."),
    (
        pod(kube(resources={"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"cpu": "2"}})),
        "cpu request must be <= to cpu limit if both are provided.",
    ),
    (
        pod(kube(resources={"limits": {"cpu": "1", "memory": "64Mi"}, "requests": {"memory": "32Mi"}})),
        "memory request must be equal to memory limit if both are provided.",
    ),
    (pod(kube(resources={"limits": {"cpu": "1", "memory": "64Mi", "disk": "1"}})), "disk is not a supported type for resources."),
    (pod(kube(imagePullPolicy="Maybe")), "Unsupported image pull policy value."),
    (pod(kube(), volumes=[{"name": "v", "emptyDir": {"medium": "Disk"}}]), "Invalid Volume mount. Allowed values - Memory or null."),
    (pod(kube(), volumes=[{"name": "v", "emptyDir": {"sizeLimit": "x"}}]), "Invalid empty dir size limit."),
    ({**pod(kube()), "propagateTags": True}, "Batch on EKS does not support tag propagation."),
    (
        pod(kube(), metadata={"labels": {"app.kubernetes.io/name": "x"}}),
        "The prefix app.kubernetes.io of the pod label key cannot contain terms from the Kubernetes reserved namespaces.",
    ),
    (pod(kube(), metadata={"labels": {"-x": "y"}}), "The name -x of the pod label key does not match a valid pattern."),
    # EKS-7
    (pod(kube(), metadata={"namespace": "default"}), "kubernetesNamespace cannot be the default Kubernetes namespace."),
    (pod(kube(), metadata={"namespace": "kube-x"}), "kubernetesNamespace cannot be a reserved Kubernetes system namespace."),
    (pod(kube(), metadata={"namespace": "A"}), "kubernetesNamespace must be a valid Kubernetes namespace."),
]

ACCEPTED = [
    # FG-1, FG-4, MNP-1, MC-2, MC-6, MI-2, EKS-3, EKS-9, EKS-10
    plain(),
    {**plain(), "platformCapabilities": ["EC2"], "schedulingPriority": 9999},
    fargate(),
    fargate(networkConfiguration={"assignPublicIp": "ENABLED"}, ephemeralStorage={"sizeInGiB": 21}),
    nodes(3, "0", "1:"),
    nodes(4, "0:3", "1:2", main=3),
    task(container(essential=False), container("b", dependsOn=[{"containerName": "a", "condition": "SUCCESS"}])),
    task(container(), ipcMode="host", pidMode="task"),
    {**task(container(), networkMode="host"), "platformCapabilities": ["MANAGED_INSTANCES"]},
    pod(kube(), kube("d"), initContainers=[kube("i")]),
    pod(kube(securityContext={"runAsUser": 1000, "readOnlyRootFilesystem": True}), metadata={"labels": {"a": "b"}, "namespace": "jobs"}),
    plain(secrets=SECRET, executionRoleArn=ROLE, logConfiguration={"logDriver": "syslog"}),
    plain(volumes=[{"name": "v", "host": {}}], mountPoints=[{"sourceVolume": "v", "containerPath": "/x"}]),
]


@pytest.fixture
def name():
    return f"text-{next(numbers)}"


def definition(name, request):
    return {"jobDefinitionName": name, "type": "container", **request}


@pytest.mark.parametrize("request_, text", KINDS + CONTAINERS + RETRIES + PLATFORMS + NODES + TASKS + PODS)
def test_bad_definition_is_refused_in_aws_s_words_and_is_not_there(batch, name, request_, text):
    """JD-7."""
    with pytest.raises(batch.exceptions.ClientException) as error:
        batch.register_job_definition(**definition(name, request_))
    assert text in error.value.response["Error"]["Message"]
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"] == []


@pytest.mark.parametrize("request_", ACCEPTED)
def test_good_definition_is_kept_and_echoed(batch, name, request_):
    """JD-5, RES-4: every member that was given comes back as it was given."""
    batch.register_job_definition(**definition(name, request_))
    (found,) = batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"]
    assert missing(definition(name, request_), found) == []


def missing(given, shown, path=""):
    """The paths of what was given and is not shown so."""
    if isinstance(given, dict):
        holder = shown if isinstance(shown, dict) else {}
        return [each for key, value in given.items() for each in missing(value, holder.get(key), f"{path}.{key}")]
    if isinstance(given, list):
        if not isinstance(shown, list) or len(shown) != len(given):
            return [path]
        return [each for at, value in enumerate(given) for each in missing(value, shown[at], f"{path}[{at}]")]
    return [] if given == shown else [f"{path}: {given!r} is shown as {shown!r}"]


def test_names_of_definitions_are_checked(batch):
    """JD-7: 128 characters are the most."""
    for wrong in ("a b", "x" * 129, "a:1", "é"):
        with pytest.raises(batch.exceptions.ClientException):
            batch.register_job_definition(**definition(wrong, plain()))
    batch.register_job_definition(**definition("x" * 128, plain()))


def test_definition_of_24_kib_is_the_largest_under_aws_limits(server):
    """JD-2: with `--aws-limits`."""
    batch = server("--aws-limits").client("batch")
    for size, accepted in [(20 << 10, True), (25 << 10, False)]:
        request = definition("large", plain(command=["x" * 1000] * (size // 1000)))
        if accepted:
            batch.register_job_definition(**request)
        else:
            with pytest.raises(batch.exceptions.ClientException):
                batch.register_job_definition(**request)
