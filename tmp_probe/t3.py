import numpy as np, keras
from keras import ops
x=ops.convert_to_tensor(np.ones((2,3),"float32"))
print(keras.backend.backend(), [ops.top_k(x,2)[1].dtype, ops.full((3,),7).dtype, ops.full((3,),True).dtype, ops.full((3,),x[0,0]).dtype,ops.full_like(x,3).dtype, ops.arange(3).dtype, ops.arange(3,dtype=None).dtype, ops.dot(np.ones((2,3,4),"float32"),np.ones((2,4,3),"float32")).shape, ops.pad(x,1).shape, ops.sparsemax(x*2+np.arange(3.0,dtype="float32"))])
