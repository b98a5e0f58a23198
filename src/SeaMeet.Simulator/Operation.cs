namespace SeaMeet.Simulator;

/// <summary>The calls of the vendor's document, as metadata of their endpoints.</summary>
internal enum Operation
{
    CreateMeeting,
    DeleteMeeting,
    CreateUploadUrl,
    Upload,
    RunAnalysis,
    GetJob,
}
