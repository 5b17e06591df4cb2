//! A model as the engine takes it: operations in a graph, and weights beside it in one buffer.

use rten::{Model, ModelOptions, OpRegistry, op_types};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto,
    TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// The version of operations that is meant.
const OPERATIONS: i64 = 20;
const FORMAT: i64 = 9;
const WEIGHTS: &str = "weights.data";

/// A graph while it is drawn. Values have names.
#[derive(Default)]
pub(crate) struct Drawing {
    graph: GraphProto,
    weights: Vec<u8>,
    drawn: usize,
}

/// A property of an operation.
pub(crate) enum Property<'a> {
    Number(&'static str, i64),
    Fraction(&'static str, f32),
    Numbers(&'static str, &'a [i64]),
}

impl Drawing {
    /// For weights of about so many bytes.
    pub(crate) fn new(weights: usize) -> Self {
        Self { weights: Vec::with_capacity(weights), ..Self::default() }
    }

    /// Numbers that are part of the model.
    pub(crate) fn weight(&mut self, numbers: &[f32], shape: &[usize]) -> String {
        let offset = self.weights.len();
        self.weights.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        let tensor = TensorProto {
            dims: shape.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect(),
            data_type: Some(DataType::FLOAT),
            data_location: Some(DataLocation::EXTERNAL),
            external_data: vec![
                entry("location", WEIGHTS.to_owned()),
                entry("offset", offset.to_string()),
                entry("length", (self.weights.len() - offset).to_string()),
            ],
            ..TensorProto::default()
        };
        self.constant(tensor)
    }

    /// A shape, for operations that want one as a value.
    pub(crate) fn shape(&mut self, sizes: &[i64]) -> String {
        let tensor = TensorProto {
            dims: vec![i64::try_from(sizes.len()).unwrap_or(i64::MAX)],
            data_type: Some(DataType::INT64),
            int64_data: sizes.to_vec(),
            ..TensorProto::default()
        };
        self.constant(tensor)
    }

    fn constant(&mut self, tensor: TensorProto) -> String {
        let name = self.name();
        self.graph.initializer.push(TensorProto { name: Some(name.clone()), ..tensor });
        name
    }

    /// An operation on these values; the name of its result.
    pub(crate) fn operation(
        &mut self,
        kind: &str,
        inputs: &[&str],
        properties: &[Property<'_>],
    ) -> String {
        let output = self.name();
        self.graph.node.push(NodeProto {
            name: Some(output.clone()),
            op_type: Some(kind.to_owned()),
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.clone()],
            attribute: properties.iter().map(attribute).collect(),
            ..NodeProto::default()
        });
        output
    }

    fn name(&mut self) -> String {
        self.drawn += 1;
        format!("v{}", self.drawn)
    }

    /// Hands the graph to the engine, with rows of so many numbers as `input`, and this value as
    /// `output`.
    pub(crate) fn finish(
        mut self,
        (input, columns): (&str, usize),
        output: &str,
    ) -> Result<Model, String> {
        let rows = Dimension { dim_param: Some("rows".to_owned()), ..Dimension::default() };
        let columns = i64::try_from(columns).ok();
        let columns = Dimension { dim_value: columns, ..Dimension::default() };
        let shape = TensorShapeProto { dim: vec![rows, columns] };
        let value = |name: &str| ValueInfoProto {
            name: Some(name.to_owned()),
            r#type: Some(TypeProto {
                tensor_type: Some(TypeProtoTensor {
                    elem_type: Some(DataType::FLOAT),
                    shape: Some(shape.clone()),
                }),
                ..TypeProto::default()
            }),
        };
        self.graph.input.push(value(input));
        self.graph.output.push(value(output));
        let model = ModelProto {
            ir_version: Some(FORMAT),
            graph: Some(self.graph),
            opset_import: vec![OperatorSetIdProto {
                version: Some(OPERATIONS),
                ..OperatorSetIdProto::default()
            }],
            ..ModelProto::default()
        };
        let bytes = model.write_buf().map_err(|error| error.to_string())?;
        // Only what is drawn here becomes part of the program.
        let operations = OpRegistry::with_ops(&[
            &op_types::Add,
            &op_types::Gelu,
            &op_types::LayerNormalization,
            &op_types::MatMul,
            &op_types::Mul,
            &op_types::Reshape,
            &op_types::Softmax,
            &op_types::Transpose,
        ]);
        let mut options = ModelOptions::with_ops(operations);
        options.external_data(WEIGHTS, self.weights).load(bytes).map_err(|error| error.to_string())
    }
}

fn attribute(property: &Property<'_>) -> AttributeProto {
    let named = |name: &str, kind| AttributeProto {
        name: Some(name.to_owned()),
        r#type: Some(kind),
        ..AttributeProto::default()
    };
    match property {
        Property::Number(name, value) => {
            AttributeProto { i: Some(*value), ..named(name, AttributeType::INT) }
        }
        Property::Fraction(name, value) => {
            AttributeProto { f: Some(*value), ..named(name, AttributeType::FLOAT) }
        }
        Property::Numbers(name, values) => {
            AttributeProto { ints: values.to_vec(), ..named(name, AttributeType::INTS) }
        }
    }
}
