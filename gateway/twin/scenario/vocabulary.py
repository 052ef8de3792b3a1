"""Names of projects, tasks, teams and rules, and the reasons why jobs fail."""

PROJECTS = (
    "churn",
    "demand-forecast",
    "fraud-detector",
    "search-ranking",
    "pricing",
    "returns",
    "delivery-eta",
    "support-intent",
    "image-quality",
    "credit-risk",
    "recommender",
    "inventory",
)
TEAMS = ("ml-platform", "growth", "risk", "supply-chain", "search", "customer-care")
OWNERS = ("ada", "grace", "katherine", "alan", "edsger", "barbara")

DEBUG_RULES = (
    "LossNotDecreasing",
    "VanishingGradient",
    "Overfit",
    "Overtraining",
    "ExplodingTensor",
    "ClassImbalance",
    "PoorWeightInitialization",
    "DeadRelu",
)
PROFILER_RULES = ("ProfilerReport", "CPUBottleneck", "LowGPUUtilization", "IOBottleneck")

PROCESSING_FAILURES = (
    "AlgorithmError: See job logs for more information",
    "AlgorithmError: , exit code: 1",
    (
        "AlgorithmError: Process did not complete within the configured maximum runtime., "
        "exit code: 137"
    ),
    (
        "ClientError: Data download failed: Failed to download data. Cannot download "
        "s3://{bucket}/{name}/data, a previously downloaded file/folder clashes with it"
    ),
    (
        "ClientError: Failed to download data. Please check your s3 objects and ensure that there "
        "is no object that is both a folder as well as a file."
    ),
    (
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its "
        "permissions are incorrect."
    ),
    (
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a "
        "different ML instance type."
    ),
    "InternalServerError: We encountered an internal error. Please try again.",
)
EXIT_MESSAGES = (
    (
        "Traceback (most recent call last):\n"
        '  File "/opt/ml/processing/input/code/preprocess.py", line 88, in <module>\n'
        "    main()\n"
        "KeyError: 'customer_id'"
    ),
    (
        "Traceback (most recent call last):\n"
        '  File "/opt/ml/processing/input/code/evaluate.py", line 41, in <module>\n'
        "    model = tarfile.open(model_path)\n"
        "FileNotFoundError: [Errno 2] No such file or directory: "
        "'/opt/ml/processing/model/model.tar.gz'"
    ),
    "java.lang.OutOfMemoryError: GC overhead limit exceeded",
    (
        "Error: Encoding mismatch: Encoding is CSV for endpointInput, but Encoding is JSON for "
        "endpointOutput. We currently only support the same type of input and output encoding "
        "at the to_datetime."
    ),
)
TRAINING_FAILURES = (
    (
        'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "RuntimeError: CUDA out '
        'of memory. Tried to allocate 2.50 GiB (GPU 0; 15.77 GiB total capacity)"\nCommand '
        '"/opt/conda/bin/python3.11 train.py --batch-size 512 --epochs 30", exit code: 1'
    ),
    (
        "ClientError: Error for Training job: Failed to read data, no files found under "
        "s3://{bucket}/{name}/data"
    ),
    (
        "ClientError: Unable to initialize the algorithm. Failed to validate input data "
        "configuration. (caused by ValidationError)\n\nCaused by: 'train' is a required property"
    ),
    (
        "CapacityError: Unable to provision requested ML compute capacity. Please retry using a "
        "different ML instance type."
    ),
    "InternalServerError: We encountered an internal error. Please try again.",
    (
        "ClientError: Please use an instance type with more memory, or reduce the size of training "
        "data processed on an instance."
    ),
)
TRANSFORM_FAILURES = (
    "AlgorithmError: See job logs for more information",
    "ClientError: See job logs for more information",
    "ClientError: No S3 objects found under S3 URL s3://{bucket}/{name}/input",
    "InternalServerError: We encountered an internal error. Please try again.",
)
TUNING_FAILURES = (
    (
        "No training job succeeded after 5 attempts. Please take a look at the training job "
        "failures to get more details."
    ),
    "All training jobs failed. Please take a look at the training job failures.",
)
AUTOML_FAILURES = (
    "ValidationError: The target column must have at least two distinct values.",
    (
        "AlgorithmError: Data processing job failed, exit code: 1. Please check the logs of the "
        "data exploration job."
    ),
    "ClientError: Data not found: the manifest at s3://{bucket}/{name}/manifest lists no objects.",
)
SCHEDULE_FAILURES = (
    "Job inputs had no data",
    "The baseline constraints file could not be read from s3://{bucket}/{name}/constraints.json",
)
EXECUTION_FAILURES = (
    "AlgorithmError: Error: Encoding mismatch, exit code: 255",
    "No S3 objects found under S3 URL: s3://{bucket}/datacapture/{name}",
)
