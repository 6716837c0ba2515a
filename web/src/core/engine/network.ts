// What the core needs of ONNX Runtime: graphs that run on tensors.

export type TensorData = Uint8Array | Int32Array | BigInt64Array | Float32Array;

export interface Tensor {
  readonly type: 'uint8' | 'int32' | 'int64' | 'float32';
  readonly data: TensorData;
  readonly shape: readonly number[];
}

/** One run of a graph. */
export interface Run {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The outputs that are wanted. */
  readonly outputs: readonly string[];
}

/** A graph that is ready to run. */
export interface Network {
  readonly backend: string;
  /** Threads that one run uses. */
  readonly threads: number;
  /** The outputs that are wanted, in their order. */
  run(run: Run): Promise<readonly TensorData[]>;
}

/** Opens a graph of a model; further calls give the same one. */
export type Networks = (graph: string) => Promise<Network>;
